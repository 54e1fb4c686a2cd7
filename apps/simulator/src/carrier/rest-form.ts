import express, { Router, type NextFunction, type Request, type Response } from 'express';
import { refusals } from './errors.js';
import { isRecord, refuse } from './rest-answers.js';

/** Reads the form of a request. What express itself finds wrong (a body too large, a path that cannot be decoded) is refused. */
export function createRestForm(): Router {
  const router = Router();
  router.use(express.urlencoded({ extended: false, limit: '256kb' }));
  router.use(refuseUnreadable);
  return router;
}

export function refuseUnreadable(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  const status = isRecord(error) && typeof error['status'] === 'number' ? error['status'] : 500;
  if (response.headersSent || status >= 500) return next(error);
  refuse(response, { ...refusals.badParameter('body'), status });
}
