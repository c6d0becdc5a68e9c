-- Bodies of a workspace in the order stored, each with the bytes that its digest is of.
SELECT json_build_object('digest', encode(digest, 'hex'), 'content', convert_from(content, 'UTF8')::json)::text
FROM body WHERE workspace_id = %(workspace)s ORDER BY id
