import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { parseStateFile } from '../stack/state-file.ts';
import type { StoredMessage } from './message.ts';

type Entry = { readonly put: StoredMessage } | { readonly deleted: string };

/**
 * A queue on disk: every change is a line, the latest line of a message counts. Written at once,
 * because whoever got an answer may rely on it; compacted when opened.
 */
export interface Journal {
  /** The messages as the journal leaves them, oldest first. */
  readonly messages: Map<string, StoredMessage>;
  put(message: StoredMessage): void;
  delete(messageId: string): void;
}

export function openJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true });
  const messages = new Map<string, StoredMessage>();
  for (const entry of readEntries(file)) {
    if ('put' in entry) messages.set(entry.put.messageId, entry.put);
    else messages.delete(entry.deleted);
  }
  const compacted = [...messages.values()].map((put) => toLine({ put })).join('');
  // Renamed into place: a crash in between leaves the old journal or the new one, never half of it.
  writeFileSync(`${file}.new`, compacted);
  renameSync(`${file}.new`, file);

  return {
    messages,
    put(message) {
      messages.set(message.messageId, message);
      appendFileSync(file, toLine({ put: message }));
    },
    delete(messageId) {
      messages.delete(messageId);
      appendFileSync(file, toLine({ deleted: messageId }));
    },
  };
}

function readEntries(file: string): Entry[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // What follows the last line end was being written when the process died: never acknowledged.
  lines.pop();
  return lines.map((line) => parseStateFile<Entry>(file, line));
}

function toLine(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`;
}
