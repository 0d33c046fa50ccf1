import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An FFmpeg that notes each of its starts, and kills the function that starts it when it is told to. */
export class WatchedFfmpeg {
  readonly path: string;
  readonly #notes: string;
  readonly #murder: string;

  constructor(folder: string) {
    this.path = join(folder, 'ffmpeg');
    this.#notes = join(folder, 'starts');
    this.#murder = join(folder, 'kill-the-function');
    const lines = [
      '#!/bin/sh',
      `echo start >>'${this.#notes}'`,
      // The parent of FFmpeg is the function's own process.
      `if rm '${this.#murder}' 2>/dev/null; then kill -9 $PPID; exit 1; fi`,
      'exec ffmpeg "$@"',
      '',
    ];
    writeFileSync(this.path, lines.join('\n'));
    chmodSync(this.path, 0o755);
  }

  /** How often it was started. */
  get starts(): number {
    if (!existsSync(this.#notes)) return 0;
    return readFileSync(this.#notes, 'utf8').split('\n').length - 1;
  }

  /** The next start ends the function. */
  killNextFunction(): void {
    writeFileSync(this.#murder, '');
  }
}
