import { BootError } from './boot-error.ts';

/**
 * Parses a file of the state directory.
 * @throws BootError `StateDirDamaged` naming the file
 */
export function parseStateFile<Content>(file: string, text: string): Content {
  try {
    return JSON.parse(text) as Content;
  } catch (cause) {
    throw damaged(file, cause);
  }
}

export const damaged = (file: string, cause: unknown): BootError =>
  new BootError(
    'StateDirDamaged',
    `The state file ${file} is damaged. Move it away, or choose another state directory (--state).`,
    { cause },
  );

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EEXIST: 'it is a file',
  ENOTDIR: 'a part of its path is a file',
  EISDIR: 'a file of it is a folder',
  ENOENT: 'it cannot be created',
  EMFILE: 'too many files are open',
};

/** What the system says of a state directory that cannot be used, for people; other errors stay what they are. */
export function asBootError(error: unknown, stateDir: string): unknown {
  const reason = REASONS[String((error as NodeJS.ErrnoException | undefined)?.code)];
  if (error instanceof BootError || !reason) return error;
  return new BootError(
    'StateDirUnusable',
    `The state directory ${stateDir} cannot be used: ${reason}. Mend that, or choose another one (--state).`,
    { cause: error },
  );
}
