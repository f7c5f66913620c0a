// Large type (长者版) and high contrast: applied before the first paint, remembered on this device.
(function () {
  "use strict";
  var root = document.documentElement;
  var modes = { size: "large", contrast: "high" };

  function remembered(name) {
    try { return localStorage.getItem("guanjia." + name); } catch (_) { return null; }
  }
  function remember(name, value) {
    try { localStorage.setItem("guanjia." + name, value); } catch (_) { /* private mode */ }
  }
  function apply(name, on) {
    if (on) root.dataset[name] = modes[name];
    else delete root.dataset[name];
    document.querySelectorAll('[data-toggle="' + name + '"]').forEach(function (button) {
      button.setAttribute("aria-pressed", String(on));
    });
  }
  function applyAll() {
    Object.keys(modes).forEach(function (name) { apply(name, remembered(name) === "on"); });
  }

  applyAll();
  document.addEventListener("DOMContentLoaded", applyAll);
  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-toggle]");
    if (!button) return;
    var on = button.getAttribute("aria-pressed") !== "true";
    remember(button.dataset.toggle, on ? "on" : "off");
    apply(button.dataset.toggle, on);
  });
})();
