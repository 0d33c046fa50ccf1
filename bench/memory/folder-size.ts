import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The most that lay in a folder at any look. */
export class FolderSize {
  peakBytes = 0;

  constructor(private readonly folder: string) {}

  look(): void {
    this.peakBytes = Math.max(this.peakBytes, bytesIn(this.folder));
  }
}

function bytesIn(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, { parentPath, name }) => sum + sizeOf(join(parentPath, name)), 0);
  } catch (error) {
    return whenGone(error);
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    return whenGone(error);
  }
}

/** What goes while it is looked at takes no room any more. */
function whenGone(error: unknown): number {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
  throw error;
}
