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
    var definition = told && told.querySelector(".definition");
    var code = told && told.querySelector("h4 code");
    var name = (item.textContent + " " + (code ? code.textContent : "")).toLowerCase();
    return { item: item, name: name, text: name + " " + (definition ? definition.textContent.toLowerCase() : "") };
  });
  function narrow() {
    var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    var named = [], found = [];
    entries.forEach(function (entry) {
      var inName = words.every(function (word) { return entry.name.indexOf(word) >= 0; });
      var there = inName || words.every(function (word) { return entry.text.indexOf(word) >= 0; });
      entry.item.hidden = !there;
      if (there) (inName ? named : found).push(entry.item);
    });
    var parent = list.querySelector(".index");
    (words.length ? named.concat(found) : entries.map(function (entry) { return entry.item; })).forEach(function (item) {
      parent.appendChild(item);
    });
    status.textContent = words.length ? named.length + found.length + " of " + entries.length : "";
  }
  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  input.addEventListener("input", narrow);
  if (window.matchMedia("(min-width: 64rem)").matches) list.open = true;
  narrow();
})();
