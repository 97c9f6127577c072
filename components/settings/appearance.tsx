'use client';

import { useState } from 'react';
import { cx } from '#components/ui';
import { rememberTheme, THEMES, type Theme } from './theme';

const LABELS: Readonly<Record<Theme, string>> = { system: 'As the device', light: 'Light', dark: 'Dark' };

/** Kept in a cookie the server reads, so that no page flashes and no inline script is needed. */
export function Appearance({ theme }: { readonly theme: Theme }) {
  const [chosen, setChosen] = useState(theme);

  function choose(next: Theme): void {
    setChosen(next);
    rememberTheme(next);
  }

  return (
    <fieldset>
      <legend className="sr-only">Appearance</legend>
      <div className="inline-flex rounded-control border border-line-strong bg-sunken p-0.5">
        {THEMES.map((name) => (
          <label
            key={name}
            className={cx(
              'flex min-h-8 cursor-pointer items-center rounded-[6px] px-3 text-sm has-focus-visible:outline-2 has-focus-visible:outline-accent',
              chosen === name ? 'bg-raised font-medium shadow-sm' : 'text-ink-soft',
            )}
          >
            <input
              type="radio"
              name="theme"
              value={name}
              checked={chosen === name}
              onChange={() => choose(name)}
              className="sr-only"
            />
            {LABELS[name]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
