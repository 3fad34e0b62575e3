# The image of the Airbyte connector and of every other command:
#
#   docker build -t pipedrive-planhat .
#   docker run --rm pipedrive-planhat spec
#
# Debian slim and not Alpine: it has the C library that the tests run on. Nothing is compiled for a platform, the embedded
# Postgres is WebAssembly. The newest Node with long-term support; another is one argument away: --build-arg NODE=22-slim.
ARG NODE=26-slim

FROM node:${NODE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY build build
COPY connector connector
COPY console console
COPY icon.svg tsconfig.json ./
RUN npm run build
RUN npm prune --omit=dev --ignore-scripts

FROM node:${NODE} AS connector
ENV NODE_ENV=production
WORKDIR /app
COPY package.json spec.json LICENSE ./
COPY schemas schemas
COPY mappings mappings
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist

# Where the config, its mappings and the embedded database are: -v "$PWD:/data".
WORKDIR /data
RUN chown node:node .
USER node

# The destination is the same connector, called with one word more: docker build --target destination
FROM connector AS destination
ENV AIRBYTE_ENTRYPOINT="node /app/dist/main.js destination"
ENTRYPOINT ["node", "/app/dist/main.js", "destination"]

LABEL io.airbyte.name=pipedrive-planhat/destination-pipedrive-planhat
LABEL io.airbyte.version=0.1.0

FROM connector
ENV AIRBYTE_ENTRYPOINT="node /app/dist/main.js"
ENTRYPOINT ["node", "/app/dist/main.js"]

LABEL io.airbyte.name=pipedrive-planhat/source-pipedrive-planhat
LABEL io.airbyte.version=0.1.0
