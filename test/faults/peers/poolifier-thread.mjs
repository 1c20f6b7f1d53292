import { ThreadWorker } from 'poolifier';
import * as bodies from '../fixtures/bodies.mjs';

const tasks = Object.entries(bodies).filter(([, body]) => typeof body === 'function');
export default new ThreadWorker(/** @type {any} */ (Object.fromEntries(tasks)));
