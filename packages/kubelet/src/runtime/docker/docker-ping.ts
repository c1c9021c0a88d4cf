// Whether a Docker Engine answers on a socket, asked without the Docker client.
import { request } from 'node:http';

const timeoutMs = 2000;

export const dockerAnswers = (socketPath = '/var/run/docker.sock'): Promise<boolean> =>
  new Promise((resolve) => {
    const ping = request({ socketPath, path: '/_ping', timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy());
    ping.on('error', () => resolve(false));
    ping.on('close', () => resolve(false));
    ping.end();
  });
