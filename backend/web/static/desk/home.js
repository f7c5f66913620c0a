// The desk's first page: a pasted transcript is read at once; uploads show how far they are.

const form = document.getElementById("paste");
const text = document.getElementById("text");
const POLL_MS = 1000;

text.addEventListener("paste", () => {
  const wasEmpty = text.value.trim() === "";
  setTimeout(() => {
    if (wasEmpty && text.value.trim().length > 20) form.requestSubmit();
  });
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && !event.isComposing) form.requestSubmit();
});

for (const batch of document.querySelectorAll("[data-batch]")) watch(batch);

async function watch(batch) {
  const bar = batch.querySelector("progress");
  const count = batch.querySelector("[data-count]");
  for (;;) {
    await new Promise((done) => setTimeout(done, POLL_MS));
    const answer = await fetch(`/desk/batches/${batch.dataset.batch}`).catch(() => null);
    if (!answer || !answer.ok) continue;
    const { total, read, closed } = await answer.json();
    bar.value = read;
    count.textContent = `已识别 ${read}/${total}，已处理 ${closed}`;
    if (read >= total) break;
  }
  if (text.value === "") location.replace("/desk");
}
