// SPDX-License-Identifier: Apache-2.0
// AWS_MSK_IAM: a presigned request to Amazon as JSON, which the broker makes in the client's name;
// and the same as a token for OAUTHBEARER, base64 of its URL.
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>

#include <kafka/sasl_aws.hpp>
#include <kafka/version.hpp>

#include "auth/base64.hpp"
#include "auth/crypto.hpp"
#include "auth/json.hpp"
#include "auth/sigv4.hpp"
#include "auth/text.hpp"

namespace kafka::sasl {
namespace {

constexpr std::string_view aws_name = "AWS_MSK_IAM";
constexpr std::string_view service = "kafka-cluster";
constexpr std::string_view user_agent = "kafka-asio/" KAFKA_ASIO_VERSION_STRING;

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

bool is_region(std::string_view text) {
    return !text.empty() && text.size() <= 64 &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == text.npos;
}

// b-1.name.abc123.c2.kafka.eu-central-1.amazonaws.com(.cn), or kafka-serverless instead of kafka.
std::string_view region_of_host(std::string_view host) {
    for (const std::string_view service_label : {".kafka.", ".kafka-serverless."}) {
        const auto at = host.rfind(service_label);
        if (at == host.npos) continue;
        const auto rest = host.substr(at + service_label.size());
        const auto region = rest.substr(0, rest.find('.'));
        const auto domain = rest.substr(region.size());
        if ((domain == ".amazonaws.com" || domain == ".amazonaws.com.cn") && is_region(region))
            return region;
    }
    return {};
}

Result<std::string> region_for(const AwsMskIam& config, std::string_view host) {
    std::string_view region = config.region;
    if (region.empty()) region = region_of_host(host);
    if (region.empty()) region = environment("AWS_REGION");
    if (region.empty()) region = environment("AWS_DEFAULT_REGION");
    if (region.empty())
        return auth::bad_config(aws_name,
                                "the region is neither configured nor in the broker's name nor in "
                                "AWS_REGION");
    if (!is_region(region)) return auth::bad_config(aws_name, "the region is malformed");
    return std::string(region);
}

Failure check(const AwsMskIam& config) {
    if (!auth::crypto_available()) return auth::not_compiled_in(aws_name, "OpenSSL");
    if (!config.credentials) return auth::bad_config(aws_name, "there is no credentials provider");
    if (config.life.count() < 1 || config.life > std::chrono::seconds(900))
        return auth::bad_config(aws_name, "life is not between 1 s and 15 min");
    return {};
}

Result<AwsCredentials> get_credentials(const AwsMskIam& config, Time now) {
    try {
        auto credentials = config.credentials(now);
        if (!credentials) return credentials;
        if (credentials->access_key_id.empty() || credentials->secret_access_key.empty())
            return auth::bad_config(aws_name, "the credentials have an empty key");
        return credentials;
    } catch (const std::exception& e) {
        return auth::authentication_failed("the credentials provider threw: " +
                                           auth::quotable(e.what()));
    } catch (...) {
        return auth::authentication_failed("the credentials provider threw");
    }
}

using Query = std::map<std::string, std::string>;

// A presigned query holds a session token and a signature that is good for minutes.
struct WipedQuery {
    Query query;
    explicit WipedQuery(Query from) : query(std::move(from)) {}
    WipedQuery(WipedQuery&&) = default;
    WipedQuery& operator=(WipedQuery&&) = default;
    ~WipedQuery() {
        for (auto& [name, value] : query)
            wipe(value.data(), value.size());
    }
};

Result<WipedQuery> sign_connect(const AwsMskIam& config, std::string_view host,
                                const std::string& region, Time now) {
    const auto credentials = get_credentials(config, now);
    if (!credentials) return Failure(credentials.failure());
    auth::AwsRequest request;
    request.query["Action"] = "kafka-cluster:Connect";
    request.headers["host"] = host;
    auto query = auth::aws_presigned(std::move(request), {region, std::string(service), now},
                                     *credentials, config.life);
    if (!query) return query.take_failure();
    return WipedQuery(*std::move(query));
}

class AwsExchange final : public Exchange {
public:
    AwsExchange(std::shared_ptr<const AwsMskIam> config, std::string host, std::string region)
        : config_(std::move(config)), host_(std::move(host)), region_(std::move(region)) {}

    // The provider may ask anybody; and it is the user's code.
    bool blocks(Time) noexcept override { return state_ == State::begin; }

    Result<Step> step(std::span<const std::uint8_t> challenge, Time now) override {
        switch (std::exchange(state_, State::over)) {
            case State::begin:
                if (!challenge.empty()) break;
                return introduce(now);
            case State::wait:
                // {"version":"2020_10_22","request-id":"…"}: nothing to check, the broker's verdict
                // is the error code beside it.
                if (challenge.size() > auth::max_challenge) break;
                return Step::finished();
            case State::over:
                break;
        }
        return auth::bad_challenge(aws_name, "the broker sent a message out of order");
    }

private:
    enum class State : std::uint8_t { begin, wait, over };

    Result<Step> introduce(Time now) {
        const auto query_result = sign_connect(*config_, host_, region_, now);
        if (!query_result) return Failure(query_result.failure());
        auth::JsonWriter json;
        json.add("version", "2020_10_22").add("host", host_).add("user-agent", user_agent);
        for (const auto& [name, value] : query_result->query) {
            // The parameters' names are in lower case here.
            std::string key = name;
            for (auto& c : key) {
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            }
            json.add(key, value);
        }
        state_ = State::wait;
        return Step::send(json.take());
    }

    std::shared_ptr<const AwsMskIam> config_;
    std::string host_;
    std::string region_;
    State state_ = State::begin;
};

class AwsMechanism final : public Mechanism {
public:
    explicit AwsMechanism(AwsMskIam config)
        : config_(std::make_shared<const AwsMskIam>(std::move(config))) {}

    std::string_view name() const noexcept override { return aws_name; }
    std::string to_string() const override { return sasl::to_string(*config_); }
    bool reveals_secret() const noexcept override { return true; }

    Result<std::unique_ptr<Exchange>> start(const Peer& peer) const override {
        if (auto failure = check(*config_)) return failure;
        if (peer.host.empty()) return auth::bad_config(aws_name, "the broker has no host name");
        auto region = region_for(*config_, peer.host);
        if (!region) return region.take_failure();
        return std::unique_ptr<Exchange>(
            std::make_unique<AwsExchange>(config_, peer.host, *std::move(region)));
    }

private:
    std::shared_ptr<const AwsMskIam> config_;
};

}  // namespace

AwsCredentialsProvider aws_credentials_from_environment() {
    return [](Time) -> Result<AwsCredentials> {
        const auto id = environment("AWS_ACCESS_KEY_ID");
        const auto key = environment("AWS_SECRET_ACCESS_KEY");
        if (id.empty() || key.empty())
            return auth::bad_config(
                aws_name, "AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not in the environment");
        return AwsCredentials{std::string(id), Secret(key),
                              Secret(environment("AWS_SESSION_TOKEN"))};
    };
}

AwsCredentialsProvider fixed_aws_credentials(AwsCredentials credentials) {
    return [credentials = std::move(credentials)](Time) -> Result<AwsCredentials> {
        return credentials;
    };
}

MechanismPtr make_mechanism(AwsMskIam config) {
    return std::make_shared<AwsMechanism>(std::move(config));
}

TokenProvider aws_msk_token(AwsMskIam config) {
    return [config = std::move(config)](Time now) -> Result<Token> {
        if (auto failure = check(config)) return failure;
        const auto region = region_for(config, {});
        if (!region) return Failure(region.failure());
        const auto host = "kafka." + *region + ".amazonaws.com";
        const auto query_result = sign_connect(config, host, *region, now);
        if (!query_result) return Failure(query_result.failure());
        Secret url("https://" + host + "/?");
        for (const auto& [name, value] : query_result->query)
            url.append(auth::aws_encoded(name))
                .append('=')
                .append(auth::aws_encoded(value))
                .append('&');
        // Not signed, as in Amazon's own.
        url.append("User-Agent=").append(auth::aws_encoded(user_agent));
        Token token;
        auth::append_base64(token.value, url.reveal(), auth::Base64::url);
        token.expires = now + config.life;
        return token;
    };
}

std::string to_string(const AwsMskIam& config) {
    return auth::Description(aws_name)
        .add("region", config.region)
        .add("life_s", std::int64_t{config.life.count()})
        .take();
}

std::string to_string(const AwsCredentials& credentials) {
    return auth::Description("aws")
        .add("access_key_id", credentials.access_key_id)
        .add("secret_access_key", credentials.secret_access_key)
        .add("session_token", credentials.session_token)
        .take();
}

}  // namespace kafka::sasl
