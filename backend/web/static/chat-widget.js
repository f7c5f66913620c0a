// The one-line embed for any other site:
//   <script src="https://HOST/static/chat-widget.js" data-label="…" defer></script>
// The site's origin must be listed in GUANJIA_EMBED_ORIGINS.
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || document.getElementById("guanjia-launcher")) return;
  var origin = new URL(script.src).origin;
  var label = script.dataset.label || "和莞家助手说说";
  var closeLabel = script.dataset.closeLabel || "收起对话";
  var frame = null;

  // Styles are set through the object model, which the host page's content policy does not forbid.
  function style(node, rules) {
    Object.keys(rules).forEach(function (name) { node.style.setProperty(name, rules[name], "important"); });
  }

  var button = document.createElement("button");
  button.id = "guanjia-launcher";
  button.type = "button";
  button.textContent = label;
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-haspopup", "dialog");
  style(button, {
    all: "revert", position: "fixed", right: "20px", bottom: "20px", "z-index": "2147483000",
    "min-height": "48px", padding: "10px 20px", border: "2px solid #fff", "border-radius": "24px",
    background: "#17594a", color: "#fff", font: "600 16px/1.4 \"PingFang SC\",\"Microsoft YaHei\",\"Noto Sans CJK SC\",sans-serif",
    cursor: "pointer", "box-shadow": "0 2px 12px rgba(0,0,0,.3)"
  });

  function build() {
    frame = document.createElement("iframe");
    frame.id = "guanjia-frame";
    frame.src = origin + "/chat?embed=1";
    frame.title = label;
    place();
    addEventListener("resize", place);
    document.body.append(frame);
  }

  function place() {
    var isNarrow = innerWidth <= 480;
    style(frame, {
      position: "fixed", "z-index": "2147483001", border: "0", background: "#faf6ee",
      right: isNarrow ? "0" : "20px", bottom: isNarrow ? "0" : "84px",
      width: isNarrow ? "100%" : "400px", height: isNarrow ? "100%" : "min(640px, calc(100% - 104px))",
      "border-radius": isNarrow ? "0" : "16px", "box-shadow": "0 4px 24px rgba(0,0,0,.3)"
    });
  }

  function show(isOpen) {
    if (!frame) build();
    style(frame, { display: isOpen ? "block" : "none" });
    button.setAttribute("aria-expanded", String(isOpen));
    button.textContent = isOpen ? closeLabel : label;
    (isOpen ? frame : button).focus();
  }

  button.addEventListener("click", function () {
    show(button.getAttribute("aria-expanded") !== "true");
  });
  addEventListener("keydown", function (event) {
    if (event.key === "Escape" && frame && button.getAttribute("aria-expanded") === "true") show(false);
  });
  addEventListener("message", function (event) {
    if (event.origin === origin && event.data === "guanjia:close") show(false);
  });

  function start() { document.body.append(button); }
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
