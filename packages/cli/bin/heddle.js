#!/usr/bin/env node
// Stands here and not in dist, so that an install finds it before the first build.
import '../dist/bin.js';
