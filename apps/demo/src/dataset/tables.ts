// Tables of text. Nothing in them is read as HTML.

/** A table with a caption; the first cell of each row is its heading. Wide ones scroll, also by keyboard. */
export function tableOf(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLElement {
  const table = document.createElement('table');
  table.createCaption().textContent = caption;
  const head = table.createTHead().insertRow();
  for (const heading of headings) head.append(headingCell(heading, 'col'));
  const body = table.createTBody();
  for (const [first = '', ...others] of rows) {
    const row = body.insertRow();
    row.append(headingCell(first, 'row'));
    for (const text of others) row.insertCell().textContent = text;
  }
  const box = document.createElement('div');
  box.className = 'table';
  box.tabIndex = 0;
  box.setAttribute('role', 'group');
  box.setAttribute('aria-label', caption);
  box.append(table);
  return box;
}

function headingCell(text: string, scope: 'col' | 'row'): HTMLTableCellElement {
  const cell = document.createElement('th');
  cell.scope = scope;
  cell.textContent = text;
  return cell;
}
