// Keys of the work list: / to search, j and k from case to case; one box ticks the whole page.
const links = () => [...document.querySelectorAll(".case-title a")];

document.getElementById("tick-all")?.addEventListener("change", (event) => {
  for (const box of document.querySelectorAll('input[name="cases"]')) box.checked = event.target.checked;
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("q").focus();
  } else if (event.key === "j" || event.key === "k") {
    const all = links();
    const at = all.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
    all[Math.max(0, Math.min(at, all.length - 1))]?.focus();
  }
});
