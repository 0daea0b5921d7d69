/**
 * The page's own script: the search in the table of resources. Without it the table is there as a whole, and the browser's own search
 * finds what is in it. It reads texts and hides rows; it writes no markup and asks no network.
 */
export const SCRIPT = `
const searchIn = (section) => {
  const field = section.querySelector("input[type=search]");
  const all = section.querySelector(".all");
  const told = section.querySelector("[role=status]");
  const rows = [...section.querySelectorAll("tbody tr")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const search = () => {
    const words = field.value.toLowerCase().split(/\\s+/).filter((word) => word !== "");
    let shown = 0;
    let same = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every((word) => texts[index].includes(word));
      if (row.hidden) return;
      if (row.classList.contains("same") && !all.checked) same += 1;
      else shown += 1;
    });
    told.textContent = shown + " of " + rows.length + " shown" + (same > 0 ? ", and " + same + " unchanged hidden" : "");
  };
  field.closest("label").hidden = false;
  field.addEventListener("input", search);
  if (all !== null) all.addEventListener("change", search);
  search();
};
document.querySelectorAll(".filtered").forEach(searchIn);
`;
