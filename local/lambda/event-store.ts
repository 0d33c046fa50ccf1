import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseStateFile } from '../stack/state-file.ts';
import type { FunctionError } from './protocol.ts';

/** An event that Lambda has accepted and not yet seen through. */
export interface QueuedEvent {
  /** The same on every attempt. */
  requestId: string;
  functionName: string;
  eventJson: string;
  traceHeader: string;
  acceptedAtMs: number;
  /** Orders events that were accepted in the same millisecond. */
  sequence: number;
  /** Attempts that have ended in a function error. */
  failedAttempts: number;
  /** The next attempt is not made before this time. */
  notBeforeMs: number;
  lastError?: FunctionError;
  /** The event is through: only this record is still to be delivered. */
  delivery?: { destinationArn: string; record: object };
}

/**
 * The queue on disk: one JSON file per event, there from acceptance until the event is seen
 * through. A file appears whole or not at all. It survives the end of this process, not a power
 * cut: nothing is fsynced.
 */
export class EventStore {
  /** One write at a time per event, or an older state could overtake a newer one. */
  readonly #writes = new Map<string, Promise<void>>();

  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true });
  }

  /**
   * @returns all events in the order of their acceptance
   * @throws Error when a file is not JSON: somebody else has written it
   */
  load(): QueuedEvent[] {
    const names = readdirSync(this.directory).filter((name) => name.endsWith('.json'));
    const events = names.map((name) => this.#parse(path.join(this.directory, name)));
    return events.sort((a, b) => a.acceptedAtMs - b.acceptedAtMs || a.sequence - b.sequence);
  }

  save(event: QueuedEvent): Promise<void> {
    const file = this.#fileOf(event.requestId);
    const text = JSON.stringify(event);
    return this.#inOrder(event.requestId, async () => {
      await writeFile(`${file}.partial`, text);
      await rename(`${file}.partial`, file);
    });
  }

  remove(requestId: string): Promise<void> {
    return this.#inOrder(requestId, () => rm(this.#fileOf(requestId), { force: true }));
  }

  #inOrder(requestId: string, write: () => Promise<void>): Promise<void> {
    const before = this.#writes.get(requestId) ?? Promise.resolve();
    const after = before.catch(() => undefined).then(write);
    this.#writes.set(requestId, after);
    const forget = () => {
      if (this.#writes.get(requestId) === after) this.#writes.delete(requestId);
    };
    after.then(forget, forget);
    return after;
  }

  #fileOf(requestId: string): string {
    return path.join(this.directory, `${requestId}.json`);
  }

  #parse(file: string): QueuedEvent {
    return parseStateFile<QueuedEvent>(file, readFileSync(file, 'utf8'));
  }
}
