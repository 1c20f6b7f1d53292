import workerpool from 'workerpool';
import * as bodies from '../fixtures/bodies.mjs';

workerpool.worker({ ...bodies });
