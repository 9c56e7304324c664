/** Filters the course's matrix while a name is typed; without this script the form asks the server. */

const field = document.querySelector<HTMLInputElement>("[data-matrix-filter]");
const body = document.querySelector<HTMLTableSectionElement>("[data-matrix]");
const count = document.querySelector<HTMLElement>("[data-matrix-count]");

/** Typing goes on while rows are hidden: one look a frame is enough. */
let asked = 0;

if (field && body && !new URLSearchParams(location.search).get("q")) {
  const rows = [...body.rows].map((row) => ({ row, name: (row.cells[0]?.textContent ?? "").toLocaleLowerCase() }));
  const filter = (): void => {
    const wanted = field.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const { row, name } of rows) {
      row.hidden = !name.includes(wanted);
      if (!row.hidden) shown += 1;
    }
    if (count) count.textContent = wanted ? said(count.dataset["words"] ?? "", shown, rows.length) : "";
  };
  field.addEventListener("input", () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(filter);
  });
  if (field.value) filter(); // the browser keeps what was typed when one comes back
}

function said(words: string, shown: number, all: number): string {
  return words.replace("{shown}", String(shown)).replace("{all}", String(all));
}

export {};
