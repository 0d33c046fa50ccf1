import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An FFmpeg whose next run after {@link close} waits for {@link open}; all others work as ever. */
export class GatedFfmpeg {
  readonly path: string;
  readonly #closed: string;
  readonly #waiting: string;
  readonly #open: string;

  constructor(folder: string) {
    this.path = join(folder, 'ffmpeg');
    [this.#closed, this.#waiting, this.#open] = ['closed', 'waiting', 'open'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const script = `#!/bin/sh
case "$*" in
*-version*) ;;
*) if mv '${this.#closed}' '${this.#waiting}' 2>/dev/null; then
  until [ -e '${this.#open}' ]; do sleep 0.05; done
fi ;;
esac
exec ffmpeg "$@"
`;
    writeFileSync(this.path, script);
    chmodSync(this.path, 0o755);
  }

  close(): void {
    for (const file of [this.#waiting, this.#open]) rmSync(file, { force: true });
    writeFileSync(this.#closed, '');
  }

  isWaiting = (): boolean => existsSync(this.#waiting);

  open(): void {
    writeFileSync(this.#open, '');
  }
}
