import { KernelError } from '../../src/base/errors.ts';
import type { KernelFs } from '../../src/kernel/kernelFs.ts';

/** What some files read as instead: a text, or an error with this errno. */
export type Overlay = Map<string, string | { readonly errno: string }>;

/** Another kernel's files, but for the reads of those in the overlay, which may change. */
export function createOverlayFs(fs: KernelFs, overlay: Overlay): KernelFs {
  return {
    ...fs,
    readText: (path) => {
      const instead = overlay.get(path);
      if (instead === undefined) return fs.readText(path);
      if (typeof instead === 'string') return instead;
      throw new KernelError({ operation: 'read', path, ...instead });
    },
  };
}
