import { mount } from './dom';
import { el } from './tree';

interface Field {
  readonly label: string;
  readonly hint?: string;
  readonly value?: string;
  readonly type?: 'text' | 'email' | 'password' | 'url';
  readonly autocomplete?: string;
}

/** A labelled field. Its element holds the value. */
export function field({ label, hint, value = '', type = 'text', autocomplete = 'off' }: Field): {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
} {
  const input = document.createElement('input');
  Object.assign(input, { type, value, autocomplete, spellcheck: false });
  input.setAttribute('autocapitalize', type === 'text' && autocomplete === 'name' ? 'words' : 'off');
  const element = mount(el('label', label, hint === undefined ? null : el('small', hint)));
  element.append(input);
  return { element, input };
}

/** A yes or no, with what it means beside it. */
export function check(
  label: string,
  checked: boolean,
): { readonly element: HTMLElement; readonly input: HTMLInputElement } {
  const input = document.createElement('input');
  input.type = 'checkbox';
  input.checked = checked;
  const element = mount(el('label.check', el('span', label)));
  element.prepend(input);
  return { element, input };
}

/** Words separated by spaces or commas. */
export const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');
