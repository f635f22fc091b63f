INSERT INTO answers (response_id, recorded_at, as_of, top, engine, catalogue, taxonomy, settings, model,
    wants, declined, limits, request_hmac, screened_out, unmet_needs)
VALUES ('old-1', '2026-10-01 09:00:00.000000', '2026-10-01', 10, '0.1.0', 'c', 't', 's', 'm', '[]', '[]',
    '{"age_band":null,"gender":null,"max_distance_km":null,"max_cost":null,"modes":[],"availability":[]}',
    'ff', '{}', '[]');
INSERT INTO shown (response_id, rank, service_id, score, standing, parts, cautions)
VALUES ('old-1', 1, 'svc-1', 0.5, 'fits', '[]', '[]');
INSERT INTO outcomes (idempotency_key, response_id, service_id, rank, status, recorded_at)
VALUES ('old-key', 'old-1', 'svc-1', 1, 'referred', '2026-10-02 09:00:00.000000');
