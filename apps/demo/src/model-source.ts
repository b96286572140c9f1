// Where the model comes from: built in, an address, or files that were picked or dropped.
import type { FolderSource } from 'reprise';

import { page } from './page.js';
import { ControlError } from './sampling.js';
import { bytesInWords, countInWords } from './words.js';

type SourceName = 'built-in' | 'address' | 'files';

const builtInFolder = './stories-260k/';

/** A folder of a model, and a key that differs where another one was chosen. */
export interface ChosenSource {
  readonly folder: FolderSource;
  readonly key: string;
}

let files: readonly File[] = [];
let choice = 0;

/** What is chosen now. Throws ControlError where the choice is not complete. */
export function chosenSource(): ChosenSource {
  const name = sourceName();
  if (name === 'built-in') return { folder: new URL(builtInFolder, document.baseURI), key: name };
  if (name === 'address') {
    const text = page.address.value.trim();
    if (text === '' || !URL.canParse(text, document.baseURI)) {
      page.address.focus();
      throw new ControlError(
        'The address',
        'the address of a folder',
        text === '' ? 'nothing' : text,
      );
    }
    const folder = new URL(text, document.baseURI);
    return { folder, key: `address ${folder.href}` };
  }
  if (files.length === 0) {
    page.pickFolder.focus();
    throw new ControlError('The choice of files', 'config.json and model.safetensors', 'no file');
  }
  return { folder: files, key: `files ${choice}` };
}

function sourceName(): SourceName {
  const checked = page.sources.querySelector<HTMLInputElement>('input:checked');
  return (checked?.value ?? 'built-in') as SourceName;
}

/** Makes the controls work; `changed` is called where another source was chosen as a whole. */
export function watchSource(changed: () => void): void {
  page.sources.addEventListener('change', () => {
    showSource();
    if (sourceName() === 'built-in') changed();
  });
  page.pickFolder.addEventListener('click', () => page.folderInput.click());
  page.pickFiles.addEventListener('click', () => page.filesInput.click());
  for (const input of [page.folderInput, page.filesInput]) {
    input.addEventListener('change', () => {
      take([...(input.files ?? [])]);
      input.value = '';
      changed();
    });
  }
  watchDrops(changed);
  showSource();
}

function showSource(): void {
  page.sourceAddress.hidden = sourceName() !== 'address';
  page.sourceFiles.hidden = sourceName() !== 'files';
}

function take(taken: readonly File[]): void {
  files = taken.filter(({ name }) => /\.(json|safetensors)$/.test(name));
  choice++;
  const radio = page.sources.querySelector<HTMLInputElement>('input[value=files]');
  if (radio !== null) radio.checked = true;
  showSource();
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const others = taken.length - files.length;
  page.filesChosen.textContent =
    `${files.map(({ name }) => name).join(', ') || 'No usable file'} (${bytesInWords(bytes)})` +
    (others === 0 ? '' : `; ${countInWords(others, 'other file')} not needed`);
}

function watchDrops(changed: () => void): void {
  const carriesFiles = (event: DragEvent): boolean =>
    event.dataTransfer?.types.includes('Files') === true;
  addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    page.dropHint.hidden = false;
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) page.dropHint.hidden = true;
  });
  addEventListener('drop', (event) => {
    if (!carriesFiles(event) || event.dataTransfer === null) return;
    event.preventDefault();
    page.dropHint.hidden = true;
    // Both must be asked for before the event is over. Only an entry knows that it is a folder;
    // what a script dropped has none.
    const dropped = [...event.dataTransfer.items].map((item) => {
      const entry = item.webkitGetAsEntry();
      const file = item.getAsFile();
      return entry === null ? (file === null ? [] : [file]) : filesUnder(entry);
    });
    void Promise.all(dropped).then((lists) => {
      take(lists.flat());
      changed();
    });
  });
}

async function filesUnder(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [
      await new Promise((found, failed) => (entry as FileSystemFileEntry).file(found, failed)),
    ];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const children: FileSystemEntry[] = [];
  // A reader gives a folder piece by piece; an empty piece is its end.
  for (;;) {
    const piece = await new Promise<FileSystemEntry[]>((found, failed) => {
      reader.readEntries(found, failed);
    });
    if (piece.length === 0) break;
    children.push(...piece);
  }
  // Only the folder itself: what lies in folders below belongs to other programs.
  const inside = children.filter((child) => child.isFile);
  return (await Promise.all(inside.map(filesUnder))).flat();
}
