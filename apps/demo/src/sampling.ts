// The sampling controls: built from one table, read into the package's options. Ranges are checked
// by the package, whose errors name the argument; here only what is no number at all is refused.
import type { GenerateOptions } from 'reprise';

import { page } from './page.js';

/** An argument whose control holds something that cannot be read. */
export class ControlError extends Error {
  constructor(
    readonly argument: string,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`${labelOf(argument)} expects ${expected}.`);
  }
}

type NumberName =
  | 'seed'
  | 'maxTokens'
  | 'temperature'
  | 'topK'
  | 'topP'
  | 'minP'
  | 'repetitionPenalty'
  | 'frequencyPenalty'
  | 'presencePenalty';

interface Control {
  readonly label: string;
  readonly hint: string;
  /** What the field holds at first. Empty leaves the option to the package. */
  readonly value: string;
  /** What an empty field means. */
  readonly empty: string;
  readonly whole?: true;
}

const controls: Readonly<Record<NumberName, Control>> = {
  seed: { label: 'Seed', hint: 'Repeats a text', value: '', empty: 'drawn', whole: true },
  maxTokens: {
    label: 'Longest text',
    hint: 'In tokens',
    value: '200',
    empty: 'what fits',
    whole: true,
  },
  temperature: {
    label: 'Temperature',
    hint: '0: always the likeliest',
    value: '0.8',
    empty: '1',
  },
  topK: {
    label: 'Top k',
    hint: 'The k likeliest; 0 is off',
    value: '',
    empty: '0',
    whole: true,
  },
  topP: { label: 'Top p', hint: 'Of all probability', value: '0.95', empty: '1' },
  minP: { label: 'Min p', hint: "Of the likeliest's", value: '', empty: '0' },
  repetitionPenalty: { label: 'Repetition', hint: 'Above 1 repeats less', value: '', empty: '1' },
  frequencyPenalty: { label: 'Frequency', hint: 'For each occurrence', value: '', empty: '0' },
  presencePenalty: { label: 'Presence', hint: 'Once it occurred', value: '', empty: '0' },
};
const numberNames = Object.keys(controls) as NumberName[];

function labelOf(argument: string): string {
  return controls[argument as NumberName]?.label ?? argument;
}

/** The control of an argument of the package, where there is one. */
export function controlOf(argument: string): HTMLElement | undefined {
  return document.getElementById(`sampling-${argument}`) ?? undefined;
}

function fieldOf(name: NumberName): HTMLInputElement {
  return controlOf(name) as HTMLInputElement;
}

/** Puts the controls on the page. */
export function buildSampling(): void {
  page.sampling.append(...numberNames.map(numberField), stopField());
  page.reset.addEventListener('click', () => {
    for (const name of numberNames) fieldOf(name).value = controls[name].value;
    stopTexts().value = '';
    clearInvalid();
    fieldOf('seed').focus();
  });
}

function numberField(name: NumberName): HTMLDivElement {
  const { label, hint, value, empty, whole } = controls[name];
  const input = document.createElement('input');
  // Not type=number: that turns a wrong entry into an empty one, and wheels change it unasked.
  input.type = 'text';
  input.inputMode = whole === true ? 'numeric' : 'decimal';
  input.autocomplete = 'off';
  input.value = value;
  input.placeholder = empty;
  return field(name, label, hint, input);
}

function stopField(): HTMLDivElement {
  const area = document.createElement('textarea');
  area.rows = 2;
  area.spellcheck = false;
  const box = field('stop', 'Stop texts', 'One a line; \\n is a line break', area);
  box.classList.add('wide');
  return box;
}

function field(
  name: string,
  label: string,
  hint: string,
  input: HTMLInputElement | HTMLTextAreaElement,
): HTMLDivElement {
  input.id = `sampling-${name}`;
  input.setAttribute('aria-describedby', `${input.id}-hint`);
  const caption = document.createElement('label');
  caption.htmlFor = input.id;
  caption.textContent = label;
  const note = document.createElement('small');
  note.id = `${input.id}-hint`;
  note.textContent = hint;
  const box = document.createElement('div');
  box.className = 'field';
  box.append(caption, input, note);
  return box;
}

function stopTexts(): HTMLTextAreaElement {
  return controlOf('stop') as HTMLTextAreaElement;
}

/** What the controls ask for. Throws ControlError. */
export function samplingOptions(): GenerateOptions {
  const numbers = Object.fromEntries(
    numberNames.map((name): [NumberName, number | undefined] => [name, numberIn(name)]),
  );
  const stop = stopTexts()
    .value.split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll('\\n', '\n'));
  return { ...numbers, stop: stop.length === 0 ? undefined : stop };
}

function numberIn(name: NumberName): number | undefined {
  const text = fieldOf(name).value.trim();
  if (text === '') return undefined;
  const number = Number(text.replace(',', '.'));
  const { whole } = controls[name];
  if (!Number.isFinite(number) || (whole === true && !/^\d+$/.test(text))) {
    throw new ControlError(name, whole === true ? 'a whole number' : 'a number', text);
  }
  if (whole === true && !Number.isSafeInteger(number)) {
    throw new ControlError(name, 'a whole number up to 2^53 - 1', text);
  }
  return number;
}

/** Puts a seed into its field. */
export function keepSeed(seed: number): void {
  fieldOf('seed').value = String(seed);
}

/** Marks the control of an argument as wrong and goes there. */
export function markInvalid(argument: string): void {
  const control = controlOf(argument);
  if (control === undefined) return;
  control.setAttribute('aria-invalid', 'true');
  control.closest('details')?.setAttribute('open', '');
  control.focus();
}

export function clearInvalid(): void {
  for (const control of page.sampling.querySelectorAll('[aria-invalid]')) {
    control.removeAttribute('aria-invalid');
  }
}
