"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => {
    const cell = row.cells[column];
    if (cell.classList.contains("none")) return null;
    return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  heads.forEach((head, column) =>
    head.firstElementChild.addEventListener("click", () => {
      const turn = head.ariaSort === "ascending" ? -1 : 1;
      const keyed = [...body.rows].map((row) => [key(row, column), row]);
      keyed.sort(([a], [b]) => (a === null) - (b === null) || (a === null ? 0 : turn * compare(a, b)));
      body.append(...keyed.map(([, row]) => row));
      for (const other of heads) other.ariaSort = "none";
      head.ariaSort = turn === 1 ? "ascending" : "descending";
    })
  );
}
