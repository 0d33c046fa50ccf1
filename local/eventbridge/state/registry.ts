import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { AwsError } from '#local/gateway/service';
import { parseStateFile } from '../../stack/state-file.ts';
import { type Arns, DEFAULT_BUS } from '../arn.ts';
import type { Archive, Bus, Replay, Rule } from './records.ts';

interface SavedState {
  buses: Bus[];
  rules: Rule[];
  archives: Archive[];
  replays: Replay[];
}

/**
 * All that is configured, in one JSON file. Records are immutable: a change puts another record in the place of
 * the old and saves the file at once, whole or not at all.
 */
export class Registry {
  readonly buses: Map<string, Bus>;
  readonly rules: Map<string, Rule>;
  readonly archives: Map<string, Archive>;
  readonly replays: Map<string, Replay>;
  readonly #file: string;

  /** Reads what an earlier run saved, or begins with the default bus. */
  constructor(file: string, arns: Arns) {
    this.#file = file;
    const saved = read(file);
    this.buses = byKey(saved.buses, ({ name }) => name);
    this.rules = byKey(saved.rules, ({ arn }) => arn);
    this.archives = byKey(saved.archives, ({ name }) => name);
    this.replays = byKey(saved.replays, ({ name }) => name);
    this.buses.set(DEFAULT_BUS, {
      name: DEFAULT_BUS,
      arn: arns.bus(DEFAULT_BUS),
      createdSeconds: Math.floor(Date.now() / 1000),
      fromTemplate: true,
    });
  }

  /** @throws AwsError `ResourceNotFoundException` */
  bus(name: string): Bus {
    return this.buses.get(name) ?? notFound(`Event bus ${name} does not exist.`);
  }

  /** @throws AwsError `ResourceNotFoundException` */
  archive(name: string): Archive {
    return this.archives.get(name) ?? notFound(`Archive ${name} does not exist.`);
  }

  /** @throws AwsError `ResourceNotFoundException` */
  replay(name: string): Replay {
    return this.replays.get(name) ?? notFound(`Replay ${name} does not exist.`);
  }

  rulesOf(busName: string): Rule[] {
    return [...this.rules.values()].filter((rule) => rule.busName === busName);
  }

  /** Writes all that must outlive this process. Call it after every change. */
  save(): void {
    const lasting = <T extends { fromTemplate: boolean }>(records: Map<string, T>) =>
      [...records.values()].filter(({ fromTemplate }) => !fromTemplate);
    const state: SavedState = {
      buses: lasting(this.buses),
      rules: lasting(this.rules),
      archives: lasting(this.archives),
      replays: [...this.replays.values()],
    };
    replaceFile(this.#file, `${JSON.stringify(state, null, 2)}\n`);
  }
}

function read(file: string): SavedState {
  try {
    return parseStateFile<SavedState>(file, readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { buses: [], rules: [], archives: [], replays: [] };
  }
}

/** The new text is on the disk before it takes the old one's name, so a crash leaves one or the other. */
function replaceFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.new`;
  const handle = openSync(temporary, 'w');
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, file);
}

function byKey<T>(records: T[], keyOf: (record: T) => string): Map<string, T> {
  return new Map(records.map((record) => [keyOf(record), record]));
}

function notFound(message: string): never {
  throw new AwsError('ResourceNotFoundException', message);
}
