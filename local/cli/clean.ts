import { rm } from 'node:fs/promises';

// npm run clean: removes what `npm start` made: objects, tables, queues, archive, logs, traces, the sample.

await rm('.splicebus', { recursive: true, force: true });
