// The page's work: load a model, continue a prompt, stop. One piece of work at a time.
import { capabilities, configure, RepriseError, type BackendName, type Model, type Progress } from 'reprise';

import { showTokenizer, startDashboard } from './dashboard/dashboard.js';
import { countWith, startDatasetCard } from './dataset/dataset-card.js';
import { hideFailure, showFailure } from './failure.js';
import { generateText } from './generation.js';
import { dropModel, modelOf } from './loaded-model.js';
import { chosenSource, watchSource } from './model-source.js';
import { page } from './page.js';
import { replayRecord, saveRecord } from './record.js';
import { buildSampling, clearInvalid, keepSeed, samplingOptions } from './sampling.js';
import { countInWords, machineInWords, modelInWords, progressInWords } from './words.js';

let work: AbortController | undefined;
let lastSeed = 0;

/** Runs a piece of work with the buttons, the status and the errors that belong to it. */
async function run(task: (signal: AbortSignal) => Promise<string>): Promise<void> {
  work?.abort();
  const mine = new AbortController();
  work = mine;
  hideFailure();
  clearInvalid();
  page.stop.disabled = false;
  page.generate.disabled = true;
  let status = '';
  try {
    status = await task(mine.signal);
  } catch (error) {
    const stopped = error instanceof RepriseError && error.code === 'aborted';
    if (stopped) status = 'Stopped.';
    else if (work === mine) showFailure(error);
    if (error instanceof RepriseError && error.code === 'device_lost') dropModel();
  }
  if (work !== mine) return; // Something newer runs; the page is its own.
  work = undefined;
  page.status.textContent = status;
  page.progress.hidden = true;
  page.generate.disabled = false;
  // A button that had the focus and is disabled would lose it to the page.
  if (document.activeElement === page.stop) page.generate.focus();
  page.stop.disabled = true;
}

/** Shows progress until the work is aborted. */
function progressOf(signal: AbortSignal): (progress: Progress) => void {
  return (progress) => {
    if (signal.aborted) return;
    page.status.textContent = progressInWords(progress);
    page.progress.hidden = false;
    if (progress.total === undefined) page.progress.removeAttribute('value');
    else page.progress.value = progress.done / Math.max(1, progress.total);
  };
}

async function chosenModel(signal: AbortSignal): Promise<Model> {
  const source = chosenSource();
  const backend = page.backend.value as BackendName | 'auto';
  const model = await modelOf(source, backend, { signal, onProgress: progressOf(signal) });
  page.progress.hidden = true;
  page.modelWords.textContent = modelInWords(model);
  showTokenizer(model.tokenizer);
  countWith(model.tokenizer);
  return model;
}

function load(): void {
  void run(async (signal) => {
    page.status.textContent = 'Loading the model…';
    await chosenModel(signal);
    void showMachine();
    return 'The model is ready.';
  });
}

function generate(): void {
  void run(async (signal) => {
    const options = samplingOptions();
    const model = await chosenModel(signal);
    page.status.textContent = 'Writing…';
    const result = await generateText(model, page.prompt.value, { ...options, signal });
    lastSeed = result.seed;
    const count = countInWords(result.tokens.length, 'token');
    return result.finishReason === 'aborted' ? `Stopped after ${count}.` : `Done: ${count}.`;
  });
}

function replayChosen(): void {
  const file = page.recordInput.files?.[0];
  page.recordInput.value = '';
  if (file === undefined) return;
  void run((signal) =>
    replayRecord(file, chosenSource(), { signal, onProgress: progressOf(signal) }));
}

async function showMachine(): Promise<void> {
  try {
    const facts = machineInWords(await capabilities());
    page.machine.replaceChildren(
      ...facts.flatMap(([name, text]) => {
        const term = document.createElement('dt');
        term.textContent = name;
        const description = document.createElement('dd');
        description.textContent = text;
        return [term, description];
      }),
    );
    page.machineEmpty.hidden = true;
  } catch (error) {
    page.machineEmpty.textContent = error instanceof Error ? error.message : String(error);
  }
}

function listen(): void {
  page.promptForm.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!page.generate.disabled) generate();
  });
  page.stop.addEventListener('click', () => work?.abort());
  page.load.addEventListener('click', load);
  page.backend.addEventListener('change', load);
  page.address.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') load();
  });
  page.keepSeed.addEventListener('click', () => keepSeed(lastSeed));
  page.saveRecord.addEventListener('click', saveRecord);
  page.pickRecord.addEventListener('click', () => page.recordInput.click());
  page.recordInput.addEventListener('change', replayChosen);
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') work?.abort();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !page.generate.disabled) {
      event.preventDefault();
      generate();
    }
  });
  watchSource(load);
}

async function start(): Promise<void> {
  if (matchMedia('(max-width: 55rem)').matches) {
    for (const details of document.querySelectorAll('[data-closed-on-phone]')) {
      details.removeAttribute('open');
    }
  }
  buildSampling();
  listen();
  startDashboard();
  startDatasetCard();
  await configure({ log: false });
  await showMachine();
  load();
}

start().catch(showFailure);
