"use strict";
// Progressive: without this script all is there, as a list. Nothing is fetched and nothing is kept.
(function () {
  var form = document.getElementById("place:filter");
  var list = document.getElementById("place:index");
  var input = document.getElementById("place:words");
  var status = form.querySelector(".status");
  var entries = Array.prototype.map.call(list.querySelectorAll(".index li"), function (item) {
    var link = item.querySelector("a");
    var told = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    var name = words(item) + " " + words(told, "h4 code");
    return { item: item, name: name, text: name + " " + words(told, ".definition, .note, .example, .text, .cell") };
  });
  function words(within, what) {
    var parts = what ? (within ? within.querySelectorAll(what) : []) : [within];
    return Array.prototype.map.call(parts, function (part) { return part.textContent; }).join(" ").toLowerCase();
  }
  function narrow() {
    var asked = input.value.toLowerCase().split(/[\s,;]+/).filter(Boolean);
    var named = [], found = [];
    entries.forEach(function (entry) {
      var inName = asked.every(function (word) { return entry.name.indexOf(word) >= 0; });
      var there = inName || asked.every(function (word) { return entry.text.indexOf(word) >= 0; });
      entry.item.hidden = !there;
      if (there) (inName ? named : found).push(entry.item);
    });
    (asked.length ? named.concat(found) : entries.map(function (entry) { return entry.item; })).forEach(function (item) {
      item.parentNode.appendChild(item);
    });
    Array.prototype.forEach.call(list.querySelectorAll(".index p"), function (heading) {
      heading.hidden = !heading.nextElementSibling.querySelector("li:not([hidden])");
    });
    status.textContent = !asked.length ? "" : named.length + found.length ? named.length + found.length + " of " + entries.length
      : "Nothing has all these words. Try fewer of them, or the beginning of one.";
  }
  // What a link leads to is open, and on paper what is called elsewhere is.
  function reveal() {
    var target = null;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch (odd) { return; }
    for (var each = target; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
  }
  // Where a picture or table goes on beyond the edge, it says so.
  function measure() {
    var boxes = document.querySelectorAll(".picture, .scroll");
    var wide = Array.prototype.map.call(boxes, function (box) { return box.scrollWidth > box.clientWidth + 1; });
    Array.prototype.forEach.call(boxes, function (box, number) {
      var told = box.previousElementSibling;
      var there = told && told.className === "wide";
      if (there && !wide[number]) told.remove();
      if (there || !wide[number]) return;
      told = document.createElement("p");
      told.className = "wide";
      told.setAttribute("aria-hidden", "true");
      told.textContent = "scroll \u2192";
      box.parentNode.insertBefore(told, box);
    });
  }
  var folded = [];
  window.addEventListener("resize", measure);
  window.addEventListener("hashchange", reveal);
  window.addEventListener("beforeprint", function () {
    folded = Array.prototype.slice.call(document.querySelectorAll(".elsewhere:not([open])"));
    folded.forEach(function (each) { each.open = true; });
  });
  window.addEventListener("afterprint", function () {
    folded.forEach(function (each) { each.open = false; });
  });
  measure();
  reveal();
  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  input.addEventListener("input", narrow);
  if (window.matchMedia("(min-width: 64rem)").matches) list.open = true;
  narrow();
})();
