// Names of towns and villages while one types.

const SETTLE_MS = 150;

export function suggestPlaces(inputs, list) {
  let timer = 0;
  for (const input of inputs) {
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => suggest(input.value.trim(), list), SETTLE_MS);
    });
  }
}

async function suggest(said, list) {
  if (said.length < 1) return;
  const query = new URLSearchParams({ q: said.slice(0, 50), limit: "12" });
  const answer = await fetch(`/api/v1/places/search?${query}`).catch(() => null);
  if (!answer || !answer.ok) return;
  const { items } = await answer.json();
  list.replaceChildren(...items.map((place) => {
    const option = document.createElement("option");
    option.value = place.town_name + (place.village_name || "");
    return option;
  }));
}
