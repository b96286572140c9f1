// The elements of index.html that the scripts use, looked up once and with their types.

/** The element of index.html with this id. */
export function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} #${id}`);
  return found;
}

export const page = {
  promptForm: element('prompt-form', HTMLFormElement),
  prompt: element('prompt', HTMLTextAreaElement),
  generate: element('generate', HTMLButtonElement),
  stop: element('stop', HTMLButtonElement),
  status: element('status', HTMLParagraphElement),
  progress: element('progress', HTMLProgressElement),
  failure: element('failure', HTMLElement),
  output: element('output', HTMLParagraphElement),
  outputPrompt: element('output-prompt', HTMLSpanElement),
  outputText: element('output-text', HTMLSpanElement),
  outputEmpty: element('output-empty', HTMLParagraphElement),
  figures: element('figures', HTMLParagraphElement),
  keepSeed: element('keep-seed', HTMLButtonElement),
  saveRecord: element('save-record', HTMLButtonElement),
  pickRecord: element('pick-record', HTMLButtonElement),
  recordInput: element('record-input', HTMLInputElement),
  sources: element('sources', HTMLFieldSetElement),
  sourceAddress: element('source-address', HTMLDivElement),
  address: element('address', HTMLInputElement),
  sourceFiles: element('source-files', HTMLDivElement),
  pickFolder: element('pick-folder', HTMLButtonElement),
  pickFiles: element('pick-files', HTMLButtonElement),
  folderInput: element('folder-input', HTMLInputElement),
  filesInput: element('files-input', HTMLInputElement),
  filesChosen: element('files-chosen', HTMLParagraphElement),
  backend: element('backend', HTMLSelectElement),
  load: element('load', HTMLButtonElement),
  modelWords: element('model-words', HTMLParagraphElement),
  sampling: element('sampling', HTMLDivElement),
  reset: element('reset', HTMLButtonElement),
  machine: element('machine', HTMLElement),
  machineEmpty: element('machine-empty', HTMLParagraphElement),
  dropHint: element('drop-hint', HTMLDivElement),
};
