/** An element before it exists: text and children only, so nothing in it can ever be markup. */
export interface Tree {
  readonly tag: string;
  readonly class?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children: readonly (Tree | string)[];
}

type Child = Tree | string | null | readonly Child[];

const flat = (children: readonly Child[]): (Tree | string)[] =>
  children.flatMap((child) =>
    child === null ? [] : Array.isArray(child) ? flat(child as Child[]) : [child as Tree | string],
  );

/** `el('p.warn', 'text')`; null children are left out. */
export function el(name: string, ...children: readonly Child[]): Tree {
  const [tag = 'div', ...classes] = name.split('.');
  return { tag, ...(classes.length > 0 ? { class: classes.join(' ') } : {}), children: flat(children) };
}

export const withAttributes = (tree: Tree, attributes: Readonly<Record<string, string>>): Tree => ({
  ...tree,
  attributes,
});

/** Everything a person can read in it, in order. */
export const textOf = (tree: Tree | string): string =>
  typeof tree === 'string' ? tree : tree.children.map(textOf).join('\n');
