import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

/** A Markdown file; its path is relative to the repository. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

/** What a reader is told to type. */
export interface DocumentedCommand {
  /** Where it stands first. */
  readonly document: string;
  /** As it stands there, several lines included. */
  readonly text: string;
  readonly needsAccount: boolean;
}

const ACCOUNT_MARKER = '# Needs an AWS account.';

/** The documents for people: those at the top, and everything in `docs`. */
export function readDocuments(): Document[] {
  const atTop = readdirSync(REPOSITORY).filter((name) => name.endsWith('.md'));
  const inDocs = readdirSync(join(REPOSITORY, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  return [...atTop, ...inDocs].map((path) => ({
    path,
    text: readFileSync(join(REPOSITORY, path), 'utf8'),
  }));
}

/** The contents of the fenced blocks of one language. */
export function fencedBlocks(text: string, language: string): string[] {
  const blocks = text.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].filter(([, name]) => name === language).map(([, , content]) => content!);
}

/** Every command of the documents' `sh` blocks, each once, in the order in which they stand. */
export function documentedCommands(documents: readonly Document[]): DocumentedCommand[] {
  const commands = documents.flatMap(({ path, text }) =>
    fencedBlocks(text, 'sh').flatMap((block) => {
      const needsAccount = block.includes(ACCOUNT_MARKER);
      return commandsOf(block).map((command) => ({ document: path, text: command, needsAccount }));
    }),
  );
  return commands.filter(
    ({ text }, index) => commands.findIndex((other) => other.text === text) === index,
  );
}

/** Links to files of the repository: their paths relative to it. */
export function linkedFiles({ path, text }: Document): string[] {
  const links = text.matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g);
  return [...links]
    .map(([, target]) => target!)
    .filter((target) => !target.startsWith('https://'))
    .map((target) => join(path, '..', target));
}

/** What `&&` joins are commands of their own: the parts of one line may be tested in different places. */
function commandsOf(block: string): string[] {
  const commands: string[] = [];
  let pending = '';
  for (const line of block.split('\n')) {
    if (!pending && (line.startsWith('#') || line.trim() === '')) continue;
    pending += pending ? `\n${line}` : line;
    if (goesOn(pending)) continue;
    commands.push(...pending.split(' && '));
    pending = '';
  }
  if (pending) throw new Error(`This command does not end: ${pending}`);
  return commands;
}

/** Whether a shell would wait for another line: an open quote, a backslash, a pipe at the end. */
function goesOn(text: string): boolean {
  const withoutQuoted = text.replaceAll(/'[^']*'|"(?:\\.|[^"\\])*"/gs, '');
  return /['"]|[\\|]$/.test(withoutQuoted);
}
