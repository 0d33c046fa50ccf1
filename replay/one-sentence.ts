/**
 * Runs `parseArgs` of Node.
 * @throws Error with Node's own message, without its advice on how to pass such a value anyway
 */
export function inOneSentence<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${(error as Error).message.split(/[.\n]/)[0]}.`);
  }
}
