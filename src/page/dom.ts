/** The element of the page with this name. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no element "${id}"`);
  return element;
}

export function canvasById(id: string): HTMLCanvasElement {
  const element = byId(id);
  if (!(element instanceof HTMLCanvasElement)) throw new Error(`"${id}" is no canvas`);
  return element;
}

/** Writes only what changed: readers keep their selection, and screen readers are not disturbed. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

type Attributes = Readonly<Record<string, string>>;

/** A new element with attributes and what is in it. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    element.setAttribute(attribute, value);
  }
  element.append(...children);
  return element;
}

/** One cell of a table: text, and for a bar behind it the share of the cell that it fills. */
export interface Cell {
  readonly text: string;
  /** All digits, where the text is rounded. */
  readonly title?: string;
  /** The number itself. */
  readonly value?: number;
  /** 0 to 1. */
  readonly bar?: number;
}

export interface TableContent {
  readonly headings: readonly string[];
  /** The first columns hold texts, the others numbers. */
  readonly nrTextColumns: number;
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly Cell[])[];
}

function makeCell(row: HTMLTableRowElement, index: number): HTMLTableCellElement {
  const cell = document.createElement(index === 0 ? 'th' : 'td');
  if (index === 0) cell.scope = 'row';
  row.append(cell);
  return cell;
}

function setAttribute(element: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function fillCell(cell: HTMLTableCellElement, { text, title, value, bar }: Cell): void {
  setText(cell, text);
  setAttribute(cell, 'title', title);
  setAttribute(cell, 'data-value', value === undefined ? undefined : String(value));
  cell.classList.toggle('bar', bar !== undefined);
  if (bar !== undefined) cell.style.setProperty('--share', `${Math.round(bar * 1000) / 10}%`);
}

/** Brings a table up to date, keeping the elements that stay. */
export function fillTable(
  table: HTMLElement,
  { headings, nrTextColumns, rows }: TableContent,
): void {
  const headText = headings.join('\0');
  if (table.dataset['head'] !== headText) {
    table.dataset['head'] = headText;
    const cells = headings.map((text, index) =>
      make('th', { scope: 'col', class: index < nrTextColumns ? 'text' : '' }, text),
    );
    table.replaceChildren(make('thead', {}, make('tr', {}, ...cells)), make('tbody'));
  }
  const body = table.querySelector('tbody');
  if (body === null) return;
  while (body.rows.length > rows.length) body.deleteRow(-1);
  for (const [rowIndex, cells] of rows.entries()) {
    const row = body.rows[rowIndex] ?? body.insertRow();
    while (row.cells.length > cells.length) row.deleteCell(-1);
    for (const [index, cell] of cells.entries()) {
      const element = row.cells[index] ?? makeCell(row, index);
      element.classList.toggle('text', index < nrTextColumns);
      fillCell(element, cell);
    }
  }
}

/** A name and its value. */
export interface Fact extends Cell {
  readonly name: string;
  /** What puts the value in relation. */
  readonly note?: string;
}

function makeFact(list: HTMLElement): HTMLElement {
  const item = make('div', {}, make('dt'), make('dd'), make('dd', { class: 'quiet' }));
  list.append(item);
  return item;
}

/** Brings a list of names and values up to date. */
export function fillFacts(list: HTMLElement, facts: readonly Fact[]): void {
  while (list.children.length > facts.length) list.lastElementChild?.remove();
  for (const [index, { name, text, title, value, note = '' }] of facts.entries()) {
    const item = list.children[index] ?? makeFact(list);
    const [term, description, remark] = item.querySelectorAll<HTMLElement>('dt, dd');
    if (term === undefined || description === undefined || remark === undefined) continue;
    setText(term, name);
    setText(description, text);
    setAttribute(description, 'title', title);
    setAttribute(description, 'data-value', value === undefined ? undefined : String(value));
    setText(remark, note);
  }
}
