"use strict";
// Progressive: without this script all is there, in one order. Nothing is fetched and nothing is kept.
(function () {
  var words = new Intl.Collator("en", { numeric: true });
  function key(row, at) {
    var cell = row.cells[at];
    return cell.dataset.k || cell.textContent.trim().replace(/^–$/, "");
  }
  document.querySelectorAll("table.sortable").forEach(function (table) {
    var heads = table.tHead.rows[0].cells;
    Array.prototype.forEach.call(heads, function (head, at) {
      if ("plain" in head.dataset) return;
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending";
        Array.prototype.forEach.call(heads, function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        var body = table.tBodies[0];
        var rows = Array.prototype.map.call(body.rows, function (row) { return [key(row, at), row]; });
        rows.sort(function (one, other) { return (down ? -1 : 1) * words.compare(one[0], other[0]); });
        rows.forEach(function (pair) { body.appendChild(pair[1]); });
      });
    });
  });

  var form = document.getElementById("filter");
  if (!form) return;
  var table = document.getElementById("verdict-table");
  var rows = table ? Array.prototype.slice.call(table.tBodies[0].rows) : [];
  var chains = Array.prototype.slice.call(document.querySelectorAll(".chain"));
  var status = form.querySelector(".status");
  function of(form, name) { return form.elements[name].value; }
  function fits(item, asked) {
    return (!asked.p || item.dataset.p === asked.p) && (!asked.v || item.dataset.v === asked.v) &&
      (!asked.c || JSON.parse(item.dataset.c).indexOf(asked.c) >= 0);
  }
  var texts = new Map();
  function says(node, asked) {
    if (!asked.q) return true;
    if (!texts.has(node)) texts.set(node, node.textContent.toLowerCase());
    return texts.get(node).indexOf(asked.q) >= 0;
  }
  function any(items, asked) { return Array.prototype.some.call(items, function (item) { return fits(item, asked); }); }
  function apply() {
    var asked = { p: of(form, "p"), v: of(form, "v"), c: of(form, "c"), q: of(form, "q").trim().toLowerCase() };
    var narrowed = asked.p || asked.v || asked.c, verdicts = 0, incidents = 0, all = 0;
    rows.forEach(function (row) {
      row.hidden = !(fits(row, asked) && says(row, asked));
      verdicts += !row.hidden;
    });
    chains.forEach(function (chain) {
      var whole = narrowed && any(chain.querySelectorAll(":scope > ul.verdicts > li"), asked), shown = 0;
      chain.querySelectorAll("article").forEach(function (article) {
        all += 1;
        var said = !narrowed || whole || any(article.querySelectorAll("[data-p]"), asked);
        article.hidden = !(said && says(article, asked));
        shown += !article.hidden;
      });
      chain.hidden = !shown;
      incidents += shown;
    });
    status.textContent = verdicts + " of " + rows.length + " verdicts, " + incidents + " of " + all + " incidents";
  }
  form.addEventListener("input", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { setTimeout(apply, 0); });
  form.hidden = false;
  apply();
})();
