import type { Context } from './context';
import { h } from './dom';

/** Where the patient types. Enter sends, Shift+Enter begins a new line. */
export class Composer {
  readonly root: HTMLFormElement;
  readonly field: HTMLTextAreaElement;

  constructor({ t, say }: Context) {
    this.field = h('textarea', {
      id: 'q', rows: '1', autocomplete: 'off', enterkeyhint: 'send', dir: 'auto',
      input: () => { this.#grow(); },
      keydown: (event) => {
        const { key, shiftKey, isComposing } = event as KeyboardEvent;
        if (key !== 'Enter' || shiftKey || isComposing) return;
        event.preventDefault();
        this.root.requestSubmit();
      },
    });
    const submit = (event: Event) => {
      event.preventDefault();
      const text = this.field.value.trim();
      this.field.focus();
      if (!text) return;
      this.field.value = '';
      this.#grow();
      say({ text }, text);
    };
    this.root = h('form', { submit }, h('label', { for: 'q' }, t.question), this.field, h('button', { class: 'solid' }, t.send));
  }

  #grow(): void {
    this.field.style.height = 'auto';
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }
}
