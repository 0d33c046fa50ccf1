import { mkdirSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkDocument, type SentDocument } from './segment-document.ts';

const FILE_NAME = 'segments.jsonl';

/** Appends documents, a JSON line each, in the order they came. */
export class SegmentStore {
  /** Begins with a line break, in case the last run was cut off in the middle of a line. */
  #prefix = '\n';
  #lines: string[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(private readonly stateDir: string) {
    mkdirSync(stateDir, { recursive: true });
  }

  add(document: SentDocument): void {
    this.#lines.push(`${JSON.stringify(document)}\n`);
    // Whatever comes in while a write is under way goes out together with the next one.
    if (this.#lines.length === 1) {
      this.#writing = this.#writing.then(() => this.#write());
    }
  }

  /** Resolves when everything added so far can be read from disk. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    const text = this.#prefix + this.#lines.join('');
    this.#prefix = '';
    this.#lines = [];
    try {
      await appendFile(path.join(this.stateDir, FILE_NAME), text);
    } catch (error) {
      // As with the real daemon, a lost trace must not stop the work it describes.
      console.error(`X-Ray segments were lost: ${error}`);
    }
  }
}

/** Everything stored under `stateDir`; nothing when no daemon has ever written there. */
export async function readSegments(stateDir: string): Promise<SentDocument[]> {
  let text: string;
  try {
    text = await readFile(path.join(stateDir, FILE_NAME), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap(parseLine);
}

/** A line that was cut off, by a crash or because it is being written, is no reason to lose the rest. */
function parseLine(line: string): SentDocument[] {
  try {
    return [checkDocument(JSON.parse(line))];
  } catch {
    return [];
  }
}
