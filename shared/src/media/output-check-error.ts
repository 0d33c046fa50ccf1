import { NotCopyableError } from './not-copyable.ts';

/**
 * What was made is not what was asked for, as a look at the output shows. It is made once more in another way; where
 * that does not help either, the clip says so or fails.
 */
export class OutputCheckError extends NotCopyableError {
  override readonly name = 'OutputCheckError';
}
