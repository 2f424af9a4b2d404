/**
 * The folder that holds this program's code and, below it, what is no code: `src`, or `dist` in the
 * built package, where the build joins modules into files that lie elsewhere than in the source.
 * The package's own package.json lies beside it.
 *
 * @param moduleDir `import.meta.dirname` of the caller.
 */
export function findCodeRoot(moduleDir: string): string {
  const root = /^.*\/(?:src|dist)(?=\/|$)/.exec(moduleDir)?.[0];
  if (root === undefined) throw new Error(`no folder of code above ${moduleDir}`);
  return root;
}
