# What all components share: Node, their built packages, the npm packages they need. Its build context is a folder with just that,
# which `npm run images` gathers.
ARG NODE=node:26-bookworm-slim
FROM ${NODE}
ENV NODE_ENV=production
WORKDIR /steersman
COPY . .
