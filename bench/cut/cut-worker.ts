import { serveTasks } from '../measure/serve-tasks.ts';
import type { CutTask } from './cut-task.ts';
import { cutWithOurs } from './ours.ts';
import { copyWithFfmpeg, encodeWithFfmpeg } from './with-ffmpeg.ts';

// The process of a `MeasuredWorker` in which one clip is made.

serveTasks((task: CutTask) => {
  switch (task.method) {
    case 'exact':
      return cutWithOurs(task, 'exact');
    case 'copiedSound':
      return cutWithOurs(task, 'copy');
    case 'ffmpegCopy':
      return copyWithFfmpeg(task);
    case 'ffmpegEncode':
      return encodeWithFfmpeg(task);
    case 'pipeline':
      throw new Error('The pipeline has a worker of its own.');
  }
});
