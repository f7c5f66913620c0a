// Plain text to DOM nodes: text stays text; only service numbers of the allow-list become links.

const DIGITS = /(\d+)/;
const UNIT_AFTER = /^[号米元户人年月日天个岁.．%％-]/;
const PART_OF_NUMBER_BEFORE = /[-.．A-Za-z]$/;

/**
 * @param {string} text
 * @param {Set<string>} phoneNumbers numbers that may be called, such as 110 and 12345
 * @returns {DocumentFragment}
 */
export function render(text, phoneNumbers) {
  const fragment = document.createDocumentFragment();
  const parts = text.split(DIGITS);
  parts.forEach((part, index) => {
    const isNumber = index % 2 === 1 && phoneNumbers.has(part);
    const isQuantity = UNIT_AFTER.test(parts[index + 1] || "");
    const isTail = PART_OF_NUMBER_BEFORE.test(parts[index - 1] || "");
    fragment.append(isNumber && !isQuantity && !isTail ? phoneLink(part) : part);
  });
  return fragment;
}

function phoneLink(number) {
  const link = document.createElement("a");
  link.href = `tel:${number}`;
  link.textContent = number;
  return link;
}
