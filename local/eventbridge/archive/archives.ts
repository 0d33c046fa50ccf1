import { join } from 'node:path';
import type { BusEvent } from '../event.ts';
import { compilePattern, type EventPattern } from '../pattern/compile.ts';
import { matchesPattern } from '../pattern/match.ts';
import type { Archive } from '../state/records.ts';
import type { Registry } from '../state/registry.ts';
import { JsonLines } from './json-lines.ts';

const DAY_MS = 86_400_000;

/** Keeps the events of buses, one file of JSON lines for each archive. */
export class Archives {
  readonly #directory: string;
  readonly #registry: Registry;
  readonly #files = new Map<string, JsonLines<BusEvent>>();
  readonly #patterns = new WeakMap<Archive, EventPattern>();

  constructor(directory: string, registry: Registry) {
    this.#directory = directory;
    this.#registry = registry;
  }

  /** Resolves when the event is on the disk in every archive of the bus that wants it. */
  async record(busArn: string, event: BusEvent): Promise<void> {
    // AWS gives an archive a managed rule that demands {"replay-name": [{"exists": false}]}, so that
    // a replay does not fill the archive with what it already holds.
    if (event['replay-name'] !== undefined) return;
    const wanting = [...this.#registry.archives.values()].filter(
      (archive) => archive.busArn === busArn && this.#wants(archive, event),
    );
    await Promise.all(wanting.map((archive) => this.#file(archive).append(event)));
  }

  /** The events whose time is in the range, both ends included, in order of time. */
  async eventsBetween(archive: Archive, fromMs: number, toMs: number): Promise<BusEvent[]> {
    const events = await this.#unexpired(archive);
    return events
      .map((event) => ({ event, timeMs: Date.parse(event.time) }))
      .filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs)
      .sort((a, b) => a.timeMs - b.timeMs)
      .map(({ event }) => event);
  }

  async statistics(archive: Archive): Promise<{ eventCount: number; sizeBytes: number }> {
    const [events, sizeBytes] = await Promise.all([
      this.#unexpired(archive),
      this.#file(archive).sizeBytes(),
    ]);
    return { eventCount: events.length, sizeBytes };
  }

  /** Deletes an archive's events. */
  async remove(archive: Archive): Promise<void> {
    await this.#file(archive).remove();
    this.#files.delete(archive.name);
  }

  #wants(archive: Archive, event: BusEvent): boolean {
    if (archive.eventPattern === undefined) return true;
    const pattern = this.#patterns.get(archive) ?? compilePattern(archive.eventPattern);
    this.#patterns.set(archive, pattern);
    return matchesPattern(pattern, event);
  }

  async #unexpired(archive: Archive): Promise<BusEvent[]> {
    const events = await this.#file(archive).read();
    return events.filter((event) => isUnexpired(archive, event));
  }

  #file(archive: Archive): JsonLines<BusEvent> {
    const known = this.#files.get(archive.name);
    if (known) return known;
    // Names are of letters, digits, ".", "-" and "_" only, and the ending makes ".." a file like any other.
    const file = new JsonLines<BusEvent>(join(this.#directory, `${archive.name}.jsonl`));
    this.#files.set(archive.name, file);
    // Expired events are out of sight at once, and off the disk when a later run opens the file.
    if (archive.retentionDays > 0) {
      file.retain((event) => isUnexpired(archive, event)).catch(console.error);
    }
    return file;
  }
}

function isUnexpired({ retentionDays }: Archive, event: BusEvent): boolean {
  return retentionDays === 0 || Date.parse(event.time) > Date.now() - retentionDays * DAY_MS;
}
