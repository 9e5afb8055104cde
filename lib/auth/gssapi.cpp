// SPDX-License-Identifier: Apache-2.0
// GSSAPI (RFC 4752) by MIT Kerberos's own interface. Cyrus SASL would do the same calls behind a
// plugin, but its state is global without locks unless the application sets them first, and it can
// be told neither a keytab nor a ticket cache but by environment variables.
#include <kafka/sasl_kerberos.hpp>

#include "auth/text.hpp"

namespace kafka::sasl {
namespace {
constexpr std::string_view gssapi_name = "GSSAPI";
}
}  // namespace kafka::sasl

#if KAFKA_HAVE_KERBEROS

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>

namespace kafka::sasl {
namespace {

// RFC 4752, section 3.3: bits of the security layers.
constexpr std::uint8_t no_layer = 1;

gss_buffer_desc view(std::string_view text) {
    return {text.size(), const_cast<char*>(text.data())};  // NOLINT: it is only read
}

/// A buffer that the library allocates.
class Buffer {
public:
    Buffer() = default;
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() {
        OM_uint32 ignored = 0;
        wipe(buffer_.value, buffer_.length);
        gss_release_buffer(&ignored, &buffer_);
    }
    gss_buffer_t out() { return &buffer_; }
    [[nodiscard]] std::string_view text() const {
        return {static_cast<const char*>(buffer_.value), buffer_.length};
    }

private:
    gss_buffer_desc buffer_ = GSS_C_EMPTY_BUFFER;
};

/// A name, a credential or a context.
template <class Handle, auto Release>
class Owned {
public:
    Owned() = default;
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    ~Owned() {
        if (handle_) Release(&handle_);
    }
    Handle* out() { return &handle_; }
    [[nodiscard]] Handle get() const { return handle_; }

private:
    Handle handle_ = nullptr;
};

void release_name(gss_name_t* name) {
    OM_uint32 ignored = 0;
    gss_release_name(&ignored, name);
}
void release_credential(gss_cred_id_t* credential) {
    OM_uint32 ignored = 0;
    gss_release_cred(&ignored, credential);
}
void release_context(gss_ctx_id_t* context) {
    OM_uint32 ignored = 0;
    gss_delete_sec_context(&ignored, context, GSS_C_NO_BUFFER);
}

void append_status(std::string& text, OM_uint32 status, int kind) {
    OM_uint32 more = 0;
    // A few at most: the loop must end whatever the library says.
    for (int i = 0; i < 4; ++i) {
        OM_uint32 minor = 0;
        Buffer message;
        if (GSS_ERROR(
                gss_display_status(&minor, status, kind, gss_mech_krb5, &more, message.out())))
            return;
        text.append(text.empty() ? "" : ": ").append(message.text());
        if (more == 0) return;
    }
}

Failure failed(std::string_view what, OM_uint32 major, OM_uint32 minor) {
    std::string why;
    append_status(why, GSS_CALLING_ERROR(major) | GSS_ROUTINE_ERROR(major), GSS_C_GSS_CODE);
    if (minor != 0) append_status(why, minor, GSS_C_MECH_CODE);
    return auth::bad_challenge(gssapi_name,
                               std::string(what).append(": ").append(auth::quotable(why)));
}

/// A ticket cache in memory that nobody else sees, destroyed with the last that uses it.
class PrivateCache {
public:
    PrivateCache() {
        if (krb5_init_context(&context_) != 0) return;
        if (krb5_cc_new_unique(context_, "MEMORY", nullptr, &cache_) != 0) return;
        char* name = nullptr;
        if (krb5_cc_get_full_name(context_, cache_, &name) != 0) return;
        name_ = name;
        krb5_free_string(context_, name);
    }
    PrivateCache(const PrivateCache&) = delete;
    PrivateCache& operator=(const PrivateCache&) = delete;
    ~PrivateCache() {
        if (cache_) krb5_cc_destroy(context_, cache_);
        if (context_) krb5_free_context(context_);
    }
    /// Empty when it could not be made: then Kerberos is misconfigured.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    krb5_context context_ = nullptr;
    krb5_ccache cache_ = nullptr;
    std::string name_;
};

/// Why a keytab is of no use: GSS-API would only say that there are no tickets either.
std::string problem_of_keytab(const std::string& name) {
    krb5_context context = nullptr;
    if (krb5_init_context(&context) != 0) return {};
    krb5_keytab keytab = nullptr;
    auto code = krb5_kt_resolve(context, name.c_str(), &keytab);
    if (code == 0) code = krb5_kt_have_content(context, keytab);
    std::string problem;
    if (code != 0) {
        const char* message = krb5_get_error_message(context, code);
        problem = message;
        krb5_free_error_message(context, message);
    }
    if (keytab) krb5_kt_close(context, keytab);
    krb5_free_context(context);
    return problem;
}

class GssapiExchange final : public Exchange {
public:
    GssapiExchange(std::shared_ptr<const Gssapi> config,
                   std::shared_ptr<const PrivateCache> private_cache, std::string host)
        : config_(std::move(config)),
          private_cache_(std::move(private_cache)),
          host_(std::move(host)) {}

    bool blocks(Time) noexcept override { return state_ != State::wait_for_verdict; }

    Result<Step> step(std::span<const std::uint8_t> challenge, Time now) override {
        if (challenge.size() > auth::max_challenge)
            return auth::bad_challenge(gssapi_name, "the broker's message is too large");
        switch (std::exchange(state_, State::over)) {
            case State::begin:
                if (!challenge.empty()) break;
                if (auto failure = prepare()) return failure;
                return negotiate(challenge, now);
            case State::negotiate:
                return negotiate(challenge, now);
            case State::wait_for_layers:
                return choose_layer(challenge);
            case State::wait_for_verdict:
                if (!challenge.empty()) break;
                return Step::finished();
            case State::over:
                break;
        }
        return auth::bad_challenge(gssapi_name, "the broker sent a message out of order");
    }

    std::optional<Time> expires() const noexcept override { return expires_; }

private:
    enum class State : std::uint8_t { begin, negotiate, wait_for_layers, wait_for_verdict, over };

    Failure prepare() {
        OM_uint32 minor = 0;
        auto service = config_->service + "@" + host_;
        auto text = view(service);
        auto major = gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, target_.out());
        if (GSS_ERROR(major)) return failed("the broker's name", major, minor);

        Owned<gss_name_t, release_name> principal;
        if (!config_->principal.empty()) {
            text = view(config_->principal);
            major = gss_import_name(&minor, &text, GSS_KRB5_NT_PRINCIPAL_NAME, principal.out());
            if (GSS_ERROR(major)) return failed("the principal", major, minor);
        }
        std::array<gss_key_value_element_desc, 2> elements{};
        OM_uint32 count = 0;
        const auto add = [&](const char* key, const std::string& value) {
            if (!value.empty()) elements[count++] = {key, value.c_str()};
        };
        add("client_keytab", config_->keytab);
        add("ccache", private_cache_ ? private_cache_->name() : config_->ccache);
        const gss_key_value_set_desc store{count, elements.data()};
        gss_OID_set_desc mechanisms{1, gss_mech_krb5};
        major = gss_acquire_cred_from(&minor, principal.get(), GSS_C_INDEFINITE, &mechanisms,
                                      GSS_C_INITIATE, count ? &store : GSS_C_NO_CRED_STORE,
                                      credential_.out(), nullptr, nullptr);
        if (GSS_ERROR(major)) {
            const auto problem =
                config_->keytab.empty() ? std::string() : problem_of_keytab(config_->keytab);
            if (!problem.empty())
                return auth::bad_challenge(gssapi_name, "no keytab: " + auth::quotable(problem));
            return failed("no credentials", major, minor);
        }
        return {};
    }

    Result<Step> negotiate(std::span<const std::uint8_t> challenge, Time now) {
        OM_uint32 minor = 0;
        OM_uint32 flags = 0;
        OM_uint32 life = 0;
        auto input = view(as_text(challenge));
        Buffer output;
        const auto major = gss_init_sec_context(
            &minor, credential_.get(), context_.out(), target_.get(), gss_mech_krb5,
            GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG, GSS_C_INDEFINITE, GSS_C_NO_CHANNEL_BINDINGS,
            challenge.empty() ? GSS_C_NO_BUFFER : &input, nullptr, output.out(), &flags, &life);
        if (GSS_ERROR(major)) return failed("no ticket, or one that was refused", major, minor);
        if (major & GSS_S_CONTINUE_NEEDED) {
            // Each round costs a message, and Kerberos needs two.
            if (++rounds_ > 8)
                return auth::bad_challenge(gssapi_name, "the negotiation does not end");
            state_ = State::negotiate;
        } else {
            if (!(flags & GSS_C_MUTUAL_FLAG) || !(flags & GSS_C_INTEG_FLAG))
                return auth::bad_challenge(gssapi_name, "the broker did not prove who it is");
            if (life != GSS_C_INDEFINITE) expires_ = now + std::chrono::seconds(life);
            state_ = State::wait_for_layers;
        }
        // The last one is empty, and is sent all the same: the broker waits for it.
        return Step::send(Secret(output.text()));
    }

    Result<Step> choose_layer(std::span<const std::uint8_t> challenge) {
        OM_uint32 minor = 0;
        auto input = view(as_text(challenge));
        Buffer offer;
        auto major = gss_unwrap(&minor, context_.get(), &input, offer.out(), nullptr, nullptr);
        if (GSS_ERROR(major)) return failed("the broker's offer of security layers", major, minor);
        if (offer.text().size() != 4)
            return auth::bad_challenge(gssapi_name, "the offer of security layers is malformed");
        if (!(static_cast<std::uint8_t>(offer.text()[0]) & no_layer))
            return auth::bad_challenge(gssapi_name,
                                       "the broker insists on a security layer, Kafka has none");
        // No layer, so no buffer; no authorization id: the principal speaks for itself.
        constexpr std::string_view choice("\1\0\0\0", 4);
        auto plain = view(choice);
        Buffer output;
        major =
            gss_wrap(&minor, context_.get(), 0, GSS_C_QOP_DEFAULT, &plain, nullptr, output.out());
        if (GSS_ERROR(major)) return failed("the choice of a security layer", major, minor);
        state_ = State::wait_for_verdict;
        return Step::send(Secret(output.text()));
    }

    std::shared_ptr<const Gssapi> config_;
    std::shared_ptr<const PrivateCache> private_cache_;
    std::string host_;
    Owned<gss_name_t, release_name> target_;
    Owned<gss_cred_id_t, release_credential> credential_;
    Owned<gss_ctx_id_t, release_context> context_;
    std::optional<Time> expires_;
    int rounds_ = 0;
    State state_ = State::begin;
};

class GssapiMechanism final : public Mechanism {
public:
    explicit GssapiMechanism(Gssapi config)
        : config_(std::make_shared<const Gssapi>(std::move(config))) {
        if (!config_->keytab.empty() && config_->ccache.empty())
            private_cache_ = std::make_shared<const PrivateCache>();
    }

    std::string_view name() const noexcept override { return gssapi_name; }
    std::string to_string() const override { return sasl::to_string(*config_); }

    Result<std::unique_ptr<Exchange>> start(const Peer& peer) const override {
        if (config_->service.empty()) return auth::bad_config(gssapi_name, "the service is empty");
        if (peer.host.empty()) return auth::bad_config(gssapi_name, "the broker has no host name");
        for (const auto* text :
             {&config_->service, &config_->principal, &config_->keytab, &config_->ccache}) {
            if (text->find('\0') != std::string::npos)
                return auth::bad_config(gssapi_name, "a field holds a NUL");
        }
        if (private_cache_ && private_cache_->name().empty())
            return auth::bad_config(gssapi_name, "the library of Kerberos cannot be initialised");
        return std::unique_ptr<Exchange>(
            std::make_unique<GssapiExchange>(config_, private_cache_, peer.host));
    }

private:
    std::shared_ptr<const Gssapi> config_;
    std::shared_ptr<const PrivateCache> private_cache_;
};

}  // namespace

MechanismPtr make_mechanism(Gssapi config) {
    return std::make_shared<GssapiMechanism>(std::move(config));
}

}  // namespace kafka::sasl

#else

namespace kafka::sasl {
namespace {

class NoGssapi final : public Mechanism {
public:
    explicit NoGssapi(Gssapi config) : config_(std::move(config)) {}

    std::string_view name() const noexcept override { return gssapi_name; }
    std::string to_string() const override { return sasl::to_string(config_); }
    Result<std::unique_ptr<Exchange>> start(const Peer&) const override {
        return auth::not_compiled_in(gssapi_name, "MIT Kerberos");
    }

private:
    Gssapi config_;
};

}  // namespace

MechanismPtr make_mechanism(Gssapi config) {
    return std::make_shared<NoGssapi>(std::move(config));
}

}  // namespace kafka::sasl

#endif

namespace kafka::sasl {

std::string to_string(const Gssapi& config) {
    return auth::Description(gssapi_name)
        .add("service", config.service)
        .add("principal", config.principal)
        .add("keytab", config.keytab)
        .add("ccache", config.ccache)
        .take();
}

}  // namespace kafka::sasl
