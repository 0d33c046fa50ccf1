/**
 * What a pattern must match and must not. The vectors state the behaviour that the test suite of aws/event-ruler
 * (EventBridge's own matcher, Apache-2.0, https://github.com/aws/event-ruler) and the EventBridge user guide demand,
 * with events of this project's kind. Test classes are those in src/test/software/amazon/event/ruler.
 */
export interface MatchVector {
  /** The public test or page that states the behaviour. */
  readonly origin: string;
  readonly pattern: object;
  readonly matching: readonly object[];
  readonly other: readonly object[];
}
