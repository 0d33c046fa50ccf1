/** A pattern that EventBridge would refuse. The message says which part of it, and what is allowed there. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly code = 'InvalidEventPatternException';
}
