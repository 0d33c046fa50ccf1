import type { WorkerMessage } from './measured-worker.ts';

/** The other half of `MeasuredWorker`: does what comes in, until there is nobody to answer any more. */
export function serveTasks<Task, Result>(
  perform: (task: Task) => Promise<Result>,
  close: () => Promise<void> = async () => {},
): void {
  const answer = (message: WorkerMessage<Result>) => process.send?.(message);
  process.on('message', async (task: Task) => {
    try {
      answer({ kind: 'done', result: await perform(task) });
    } catch (error) {
      answer({ kind: 'failed', error: error instanceof Error ? error.message : String(error) });
    }
  });
  process.once('disconnect', () => void close());
  answer({ kind: 'ready' });
}
